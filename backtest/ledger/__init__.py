"""What has been tried: every look at a question, in a chain of lines that is only ever lengthened."""
