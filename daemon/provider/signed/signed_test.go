package signed_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/signed"
)

// R39: a signature is good for its body, its secret and its time.
func TestCheck(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	body := []byte(`{"paid":true}`)
	sign := func(secret string, ago time.Duration) string { return signed.Sign(secret, now.Add(-ago), body) }
	sum := strings.TrimPrefix(sign("old", 0), "t=1800000000,")
	for name, try := range map[string]struct {
		header []string
		secret string
		body   string
		good   bool
	}{
		"good":             {[]string{sign("s", 0)}, "s", "", true},
		"spaces":           {[]string{strings.ReplaceAll(sign("s", 0), ",", ", ")}, "s", "", true},
		"a new secret":     {[]string{sign("s", 0)}, "old s", "", true},
		"signed twice":     {[]string{sign("s", 0) + "," + sum}, "old", "", true},
		"just in time":     {[]string{sign("s", signed.Tolerance)}, "s", "", true},
		"too late":         {[]string{sign("s", signed.Tolerance+time.Second)}, "s", "", false},
		"too early":        {[]string{sign("s", -signed.Tolerance-time.Second)}, "s", "", false},
		"another body":     {[]string{sign("s", 0)}, "s", `{"paid": true}`, false},
		"another secret":   {[]string{sign("x", 0)}, "s", "", false},
		"no secret":        {[]string{sign("", 0)}, "", "", false},
		"two times":        {[]string{"t=1," + sign("s", 0)}, "s", "", false},
		"no time":          {[]string{sum}, "old", "", false},
		"two headers":      {[]string{sign("s", 0), sign("s", 0)}, "s", "", false},
		"none":             {nil, "s", "", false},
		"long":             {[]string{sign("s", 0) + strings.Repeat(",v1=00", 1000)}, "s", "", false},
		"another's scheme": {[]string{strings.ReplaceAll(sign("s", 0), "v1=", "v0=")}, "s", "", false},
	} {
		sent := body
		if try.body != "" {
			sent = []byte(try.body)
		}
		err := signed.Check(http.Header{"X-Signature": try.header}, "X-Signature", try.secret, sent, now)
		if (err == nil) != try.good || err != nil && provider.KindOf(err) != provider.Forged {
			t.Errorf("%s: %v", name, err)
		}
	}
}
