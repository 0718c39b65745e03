"""What an upload may hold: one module for every kind of file, and the hook for a virus scanner."""
