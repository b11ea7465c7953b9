package main

import (
	"fmt"
	"net/url"

	"countersign/daemon"
)

func setFiscalDevice(s *settings, value any) error {
	switch value {
	case "", daemon.FiscalProvider, daemon.FiscalGateway:
		s.Fiscal.Device, _ = value.(string)
		return nil
	}
	return fmt.Errorf("must be \"provider\" or \"gateway\", not %v", value)
}

func setFiscalURL(s *settings, value any) error {
	text, _ := value.(string)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		// What was given isn't repeated: it may hold a password.
		return fmt.Errorf("must be an address such as \"http://127.0.0.1:9001/receipts\", without a password in it")
	}
	s.Fiscal.URL = text
	return nil
}

func setFiscalToken(s *settings, value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("must be a file, not %v", value)
	}
	s.Fiscal.TokenFile = text
	return nil
}

// checkFiscal finds what only the settings together say.
func (s *settings) checkFiscal() error {
	if s.Fiscal.Device == daemon.FiscalGateway && s.Fiscal.URL == "" {
		return fmt.Errorf("%s: fiscal.url is missing: where is the fiscal device's service?", s.File)
	}
	return nil
}
