"""What every room needs: errors, numbers with intervals, hashing, atomic writing, progress."""
