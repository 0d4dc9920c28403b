"""Which arrays live how long, who else sees them, and what a loop changes: for the rules on allocation."""
