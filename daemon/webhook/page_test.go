package webhook_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"countersign/daemon/webhook"
)

// R39: the example on the page for receivers verifies as the page says, also by
// the specification's library, and not with a letter changed.
func TestR39WorkedExample(t *testing.T) {
	raw, err := os.ReadFile("../../packaging/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(raw, []byte("\n")); n > 60 {
		t.Errorf("the page has %d lines", n)
	}
	secret := regexp.MustCompile("`(whsec_[^`]+)`:").FindSubmatch(raw)
	example := regexp.MustCompile("(?s)```http\n(.*?)\n```").FindSubmatch(raw)
	if secret == nil || example == nil {
		t.Fatal("there is no example")
	}
	head, text, _ := strings.Cut(string(example[1]), "\n\n")
	wire := head + "\nHost: crm.example.com\nContent-Length: " + strconv.Itoa(len(text)) + "\n\n" + text
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	seconds, _ := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
	if err := webhook.Verify(r.Header, time.Unix(seconds, 0), body, string(secret[1])); err != nil {
		t.Error(err)
	}
	theirs, err := standard.NewWebhook(string(secret[1]))
	if err != nil {
		t.Fatal(err)
	}
	if err := theirs.VerifyIgnoringTimestamp(body, r.Header); err != nil {
		t.Error(err)
	}
	if theirs.VerifyIgnoringTimestamp(bytes.Replace(body, []byte("2500"), []byte("2501"), 1), r.Header) == nil {
		t.Error("another amount verifies as well")
	}
}
