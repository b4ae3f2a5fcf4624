"""The page that puts studies side by side."""
