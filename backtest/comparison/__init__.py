"""Put studies side by side."""
