"""Sparse and dense linear systems in the user's source: where they are built, solved, and solved again."""
