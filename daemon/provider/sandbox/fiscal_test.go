package sandbox_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"countersign/daemon/fiscal"
	"countersign/daemon/fiscal/fiscaltest"
	"countersign/daemon/provider/sandbox"
)

// TestDevice holds the sandbox to what every fiscal device is held to (R24).
func TestDevice(t *testing.T) {
	moods := map[fiscaltest.Mood]sandbox.Faults{
		fiscaltest.Away: {TimeoutBefore: 1}, fiscaltest.Deaf: {TimeoutAfterSuccess: 1}, fiscaltest.Busy: {RateLimit: 1},
		fiscaltest.Garbled: {Garbage: 1}, fiscaltest.Strict: {RefuseReceipts: 1},
	}
	fiscaltest.Run(t, func(t *testing.T) fiscaltest.Rig {
		h := open(t, options())
		return fiscaltest.Rig{Device: h.client, Set: func(m fiscaltest.Mood) { h.SetFaults(moods[m]) },
			Registered: func() map[string]string {
				list := map[string]string{}
				for _, r := range receipts(t, h) {
					list[r.Receipt.Key] = r.Number
				}
				return list
			}}
	})
}

func receipts(t *testing.T, h *house) []sandbox.Receipt {
	t.Helper()
	all, err := h.Receipts()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// R24, R36: the sandbox numbers receipts one by one, and seals each its own way.
func TestR24Numbers(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		codes := map[string]bool{}
		for n := range 3 {
			got, err := h.client.Register(t.Context(), fiscaltest.Sample(fmt.Sprint(n)))
			if err != nil || got.Number != fmt.Sprintf("FS-%06d", n+1) || len(got.Code) != 19 {
				t.Errorf("%+v, %v", got, err)
			}
			codes[got.Code] = true
		}
		if synctest.Wait(); len(codes) != 3 || len(receipts(t, h)) != 3 {
			t.Errorf("codes %v", codes)
		}
	})
}

// R24: what no device would register, the sandbox doesn't either.
func TestR24ReceiptsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for name, change := range map[string]func(*fiscal.Receipt){
			"kind":              func(r *fiscal.Receipt) { r.Kind = "gift" },
			"currency":          func(r *fiscal.Receipt) { r.Currency = "euro" },
			"sum":               func(r *fiscal.Receipt) { r.Lines = r.Lines[1:] },
			"nothing":           func(r *fiscal.Receipt) { r.Amount, r.Lines = 0, nil },
			"original of sale":  func(r *fiscal.Receipt) { r.Original = "FS-000001" },
			"unknown original":  func(r *fiscal.Receipt) { r.Kind, r.Original = fiscal.Refund, "FS-000009" },
			"key of no receipt": func(r *fiscal.Receipt) { r.Key = "" },
		} {
			r := fiscaltest.Sample("a")
			change(&r)
			if _, err := h.client.Register(t.Context(), r); fiscal.KindOf(err) != fiscal.Refused {
				t.Errorf("%s: %v", name, err)
			}
		}
		if all := receipts(t, h); len(all) > 0 {
			t.Errorf("registered %v", all)
		}
	})
}
