// Command countersign is the reception's payment daemon and its tools.
package main

func main() {}
