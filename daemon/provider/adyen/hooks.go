package adyen

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/daemon/provider"
	"countersign/daemon/provider/outcall"
)

type wireHook struct {
	Live  string `json:"live"`
	Items []struct {
		Item *wireItem `json:"NotificationRequestItem"`
	} `json:"notificationItems"`
}

// wireItem is one thing that a webhook tells. What isn't signed of it: the
// time, the reason, and everything additional.
type wireItem struct {
	ID         string                     `json:"pspReference"`
	Original   string                     `json:"originalReference"`
	Account    string                     `json:"merchantAccountCode"`
	Reference  string                     `json:"merchantReference"`
	Amount     wireAmount                 `json:"amount"`
	Code       string                     `json:"eventCode"`
	Success    string                     `json:"success"`
	At         string                     `json:"eventDate"`
	Reason     string                     `json:"reason"`
	Additional map[string]json.RawMessage `json:"additionalData"`
}

func (w *wireItem) additional(name string) (s string) {
	if json.Unmarshal(w.Additional[name], &s) != nil {
		return ""
	}
	return s
}

// signed are the fields that the signature is over, in its order.
func (w *wireItem) signed() []string {
	return []string{w.ID, w.Original, w.Account, w.Reference, strconv.FormatInt(w.Amount.Value, 10), w.Amount.Currency, w.Code, w.Success}
}

// Parse verifies the items of a webhook and reads them: all, or none. There is
// no time in Adyen's signature, so that one which comes again is genuine: it
// is told by the ids of its events.
func (c *Client) Parse(h http.Header, body []byte, now time.Time) ([]provider.Event, error) {
	var w wireHook
	switch {
	case len(body) > outcall.Limit:
		return nil, provider.Errorf(provider.Forged, "the body is too long")
	case !c.admitted(h):
		return nil, provider.Errorf(provider.Forged, "the name or the password of the webhook is wrong")
	case json.Unmarshal(body, &w) != nil || len(w.Items) == 0:
		return nil, provider.Errorf(provider.Forged, "there is nothing in it that is signed")
	case w.Live != strconv.FormatBool(c.cfg.Prefix != ""):
		return nil, provider.Errorf(provider.Forged, "it is of Adyen's other system: live is %q here", strconv.FormatBool(c.cfg.Prefix != ""))
	}
	keys := c.keys()
	for _, it := range w.Items {
		if it.Item == nil || !it.Item.genuine(keys) {
			return nil, provider.Errorf(provider.Forged, "a signature does not fit")
		}
	}
	var events []provider.Event
	for _, it := range w.Items {
		e, known, err := it.Item.tell(c.cfg.Account, now)
		if err != nil {
			return nil, err
		}
		if known {
			events = append(events, e)
		}
	}
	return events, nil
}

// admitted checks the basic authentication, if the webhook has one.
func (c *Client) admitted(h http.Header) bool {
	if c.cfg.User == "" && c.cfg.Password == "" {
		return true
	}
	user, password, ok := (&http.Request{Header: h}).BasicAuth()
	return subtle.ConstantTimeCompare([]byte(user), []byte(c.cfg.User))&
		subtle.ConstantTimeCompare([]byte(password), []byte(c.cfg.Password)) == 1 && ok
}

// keys are those that webhooks may be signed with. None, or one that isn't
// hexadecimal, signs nothing.
func (c *Client) keys() (keys [][]byte) {
	for _, text := range strings.Fields(c.cfg.HMAC) {
		if key, err := hex.DecodeString(text); err == nil && len(key) > 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

// genuine says whether one of the keys signed an item. Adyen's page escapes
// what separates the fields, and its own library doesn't: where that makes a
// difference either will do, since such an item is never taken for ours.
func (w *wireItem) genuine(keys [][]byte) bool {
	got, err := base64.StdEncoding.DecodeString(w.additional("hmacSignature"))
	if err != nil || len(got) == 0 {
		return false
	}
	escape := strings.NewReplacer(`\`, `\\`, `:`, `\:`)
	fields := w.signed()
	plain := strings.Join(fields, ":")
	for i := range fields {
		fields[i] = escape.Replace(fields[i])
	}
	for _, key := range keys {
		if hmac.Equal(got, mac(key, strings.Join(fields, ":"))) || hmac.Equal(got, mac(key, plain)) {
			return true
		}
	}
	return false
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// clear says whether no field holds what separates fields: then the signature
// says which is which.
func (w *wireItem) clear() bool {
	for _, field := range w.signed() {
		if strings.ContainsAny(field, `:\`) {
			return false
		}
	}
	return true
}
