package sumup_test

import (
	"net/http"
	"testing"

	"countersign/daemon/provider/providertest"
	"countersign/daemon/provider/providertest/contracttest"
)

// TestContract runs the suite once more, with SumUp's own description of its
// API listening (R34).
func TestContract(t *testing.T) {
	d, err := contracttest.Read("sumup.json", base)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		t.Skip("no sumup.json: set COUNTERSIGN_SPECS to the folder with the vendors' descriptions")
	}
	providertest.Run(t, func(t *testing.T) providertest.Rig {
		return newHouse(t, func(base http.RoundTripper) http.RoundTripper { return d.Hold(t, base) }).rig()
	})
	for _, want := range []string{
		"CreateCheckout 201 Created", "CreateCheckout 409 Conflict", "GetCheckout 200 OK", "GetCheckout 404 Not Found", "ListCheckouts 200 OK",
		"DeactivateCheckout 200 OK", "DeactivateCheckout 409 Conflict", "RefundTransaction 201 Created", "RefundTransaction 409 Conflict",
		"RefundTransaction 422 Unprocessable Entity", "GetTransactionV2.1 200 OK", "ListTransactionsV2.1 200 OK",
	} {
		if d.Seen(want) == 0 {
			t.Errorf("never seen: %s", want)
		}
	}
}
