package console

// Sum adds up two devices' parts.
var Sum = sum
