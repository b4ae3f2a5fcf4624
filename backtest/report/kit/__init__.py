"""What all pages share: base template, styles, chart scripts, embedding."""
