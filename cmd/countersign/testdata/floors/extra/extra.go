// Package extra stands beside the house.
package extra
