"""The array IR as loops: schedules, and the text of what runs."""
