package daemon

import (
	"fmt"
	"os"
	"strings"

	"countersign/daemon/fiscal"
	"countersign/daemon/fiscal/gateway"
	"countersign/daemon/provider"
)

// What Fiscal.Device may be, beside "" for none.
const (
	FiscalProvider = "provider"
	FiscalGateway  = "gateway"
)

// Fiscal says where receipts are registered (R24).
type Fiscal struct {
	// Device is "", FiscalProvider (the provider that checkouts go to) or
	// FiscalGateway (the service of a fiscal device, see its package).
	Device string
	// URL is the gateway's address, TokenFile the file with its bearer token,
	// "" for none.
	URL       string
	TokenFile string
}

// openFiscal opens the fiscal device, nil if none is configured. p is the
// provider that checkouts go to.
func (d *Daemon) openFiscal(p provider.Provider) (fiscal.Device, error) {
	switch f := d.cfg.Fiscal; f.Device {
	case "":
		return nil, nil
	case FiscalProvider:
		device, ok := p.(fiscal.Device)
		if !ok {
			return nil, fmt.Errorf("the payment provider registers no fiscal receipts: set another fiscal device, or none")
		}
		return device, nil
	case FiscalGateway:
		token, err := readToken(f.TokenFile)
		if err != nil {
			return nil, err
		}
		return gateway.New(gateway.Config{URL: f.URL, Token: token, HTTP: d.cfg.HTTP})
	default:
		return nil, fmt.Errorf("there is no fiscal device %q", f.Device)
	}
}

func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the token of the fiscal device: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", fmt.Errorf("the token of the fiscal device: %s must hold one word", path)
	}
	return token, nil
}
