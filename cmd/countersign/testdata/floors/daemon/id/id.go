// Package id keeps state of its own.
package id

var last = map[string]int{}

var total int

// Next changes the package's variables, and a local one of the same name.
func Next(kind string) int {
	last[kind]++
	total = last[kind]
	func() {
		var total int
		total = 2
		_ = total
	}()
	return total
}
