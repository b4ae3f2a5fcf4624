"""What every page shares: base template, styles, chart scripts, embedding."""
