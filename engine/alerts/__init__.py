"""Who is told of what, how quickly, and who next: pure rules."""
