package money_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"countersign/daemon/money"

	"pgregory.net/rapid"
)

// interesting draws small amounts, and those at the edges of an int64.
func interesting() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, money.Max, 1 << 32}))
}

// Money that wraps around would be booked: the checked operations agree with numbers of any size,
// or say ErrOverflow.
func TestArithmeticIsExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := interesting().Draw(t, "a"), interesting().Draw(t, "b")
		x, y := big.NewInt(a), big.NewInt(b)
		for name, c := range map[string]struct {
			op   func(a, b int64) (int64, error)
			want *big.Int
		}{
			"Add": {money.Add, new(big.Int).Add(x, y)},
			"Sub": {money.Sub, new(big.Int).Sub(x, y)},
			"Mul": {money.Mul, new(big.Int).Mul(x, y)},
			"Sum": {func(a, b int64) (int64, error) { return money.Sum(a, b) }, new(big.Int).Add(x, y)},
		} {
			got, err := c.op(a, b)
			switch {
			case c.want.IsInt64() && (err != nil || got != c.want.Int64()):
				t.Fatalf("%s(%d, %d) = %d, %v", name, a, b, got, err)
			case !c.want.IsInt64() && !errors.Is(err, money.ErrOverflow):
				t.Fatalf("%s(%d, %d) = %d, %v, want an overflow", name, a, b, got, err)
			}
		}
	})
}

func TestSumOfNothing(t *testing.T) {
	if got, err := money.Sum(); got != 0 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}
