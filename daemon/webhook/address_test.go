package webhook_test

import (
	"net/netip"
	"strings"
	"testing"

	"countersign/daemon/webhook"
)

// R39: addresses that aren't the open internet's, in every form.
func TestPrivateAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "1.1.1.1": true, "2606:4700::1111": true, "64:ff9b::1.1.1.1": true, "::ffff:1.1.1.1": true, "172.32.0.1": true, "100.128.0.1": true,
		"127.0.0.1": false, "127.255.0.9": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"10.0.0.1": false, "172.16.5.4": false, "192.168.1.1": false, "fd00::1": false, "fc00::1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false,
		"100.64.0.1": false, "100.127.255.255": false, "198.18.0.1": false, "192.0.0.8": false,
		"224.0.0.1": false, "239.1.1.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"192.0.2.1": false, "198.51.100.1": false, "203.0.113.1": false, "2001:db8::1": false, "192.88.99.1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false,
		"2002:7f00:1::": false, "2002:a00:1::1": false, "64:ff9b::127.0.0.1": false, "64:ff9b::192.168.0.1": false, "64:ff9b:1::a00:1": false,
		"2001:0:53aa:64c::1": false, "100::1": false,
	} {
		if got := webhook.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
	if webhook.Public(netip.Addr{}) {
		t.Error("no address at all")
	}
}

// R39: what is typed as a receiver's address.
func TestCheckURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://crm.example.com/hooks?key=1": "", "https://93.184.216.34:8443/x": "", "https://bücher.example/": "",
		"": "missing", "crm.example.com": "such as", "ftp://crm.example.com": "such as", "https://": "such as", "https:/x": "such as", "https:x": "such as",
		"javascript:alert(1)": "such as", "https://crm.example.com/a b": "such as", "https://crm.example.com\n": "such as", "https://[::1": "such as",
		"https://user@crm.example.com": "password", "https://user:pw@crm.example.com": "password", "https://crm.example.com/#x": "after #",
		"http://crm.example.com": "https", "https://127.0.0.1/": "this computer", "https://[::1]:80/": "this computer", "https://localhost": "this computer",
		"https://LOCALHOST./": "this computer", "https://a.localhost": "this computer", "https://[::ffff:10.0.0.1]/": "this computer", "https://[fe80::1%25eth0]/": "this computer",
		"https://crm.example.com/" + strings.Repeat("x", 1000): "1000",
	} {
		if got := webhook.CheckURL(text, false); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%.60q: %q", text, got)
		}
	}
	for _, text := range []string{"http://127.0.0.1:9000/x", "http://crm.example.com", "https://[fd00::1]", "http://till.local/hook"} {
		if got := webhook.CheckURL(text, true); got != "" {
			t.Errorf("allowed private: %s %s", text, got)
		}
	}
	if webhook.CheckURL("https://user@127.0.0.1", true) == "" || webhook.CheckURL("file:///etc/passwd", true) == "" {
		t.Error("allowed private lets too much through")
	}
}
