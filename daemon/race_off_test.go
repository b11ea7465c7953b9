//go:build !race

package daemon_test

// histories is how many days are simulated.
const histories = 300
