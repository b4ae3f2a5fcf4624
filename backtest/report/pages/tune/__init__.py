"""The page of a tuned grid."""
