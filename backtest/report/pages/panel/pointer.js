followPointer();
