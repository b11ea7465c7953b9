// Package money keeps amounts as integers in a currency's minor unit, from the text a person
// types to the text a person reads. Nothing here goes through a float.
package money

import (
	"errors"
	"strings"
)

// Currency is an ISO 4217 code in upper case: "EUR".
type Currency string

// ErrCurrency says that a code is not one of ISO 4217 that we can count in.
var ErrCurrency = errors.New("not a currency code of ISO 4217")

// ISO 4217 as of January 2026, by the digits of the minor unit. Left out are the units of account
// with four digits (CLF, UYW), those with none at all (metals, XDR, XSU, XUA, test codes), and
// what was withdrawn (BGN, HRK, ANG, CUC, SLL, ZWL).
const (
	noDigits = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "

	threeDigits = " BHD IQD JOD KWD LYD OMR TND "

	twoDigits = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN" +
		" BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB" +
		" EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS" +
		" KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN" +
		" MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD" +
		" SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS" +
		" UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
)

// ParseCurrency reads a code in either case.
func ParseCurrency(s string) (Currency, error) {
	c := Currency(strings.ToUpper(s))
	if len(s) != 3 || !c.Known() { // ToUpper makes a plain S of a long one, which has two bytes
		return "", ErrCurrency
	}
	return c, nil
}

// Known reports whether c is on the list, spelled in upper case.
func (c Currency) Known() bool {
	return c.within(twoDigits) || c.within(noDigits) || c.within(threeDigits)
}

// Digits is the number of decimals: 0, 2 or 3. Providers differ from ISO in places (ISK, UGX,
// MGA); what they want is a matter of their adapters.
func (c Currency) Digits() int {
	switch {
	case c.within(noDigits):
		return 0
	case c.within(threeDigits):
		return 3
	}
	return 2
}

func (c Currency) within(list string) bool {
	return len(c) == 3 && !strings.Contains(string(c), " ") &&
		strings.Contains(list, " "+string(c)+" ")
}

// Symbol is the sign that people know the currency by, or its code where a sign would be read as
// another currency ($ is the US dollar's alone, kr nobody's).
func (c Currency) Symbol() string {
	const signs = " EUR=€ USD=$ GBP=£ JPY=¥ CNY=CN¥ INR=₹ KRW=₩ ILS=₪ VND=₫ UAH=₴ KZT=₸ TRY=₺" +
		" RUB=₽ PLN=zł CZK=Kč HUF=Ft BRL=R$ AUD=A$ CAD=CA$ NZD=NZ$ HKD=HK$ SGD=S$ MXN=MX$ TWD=NT$" +
		" PHP=₱ NGN=₦ GHS=GH₵ CRC=₡ PYG=₲ LAK=₭ MNT=₮ AZN=₼ GEL=₾ AMD=֏ THB=฿ BDT=৳ "
	if _, rest, ok := strings.Cut(signs, " "+string(c)+"="); ok && c.Known() {
		sign, _, _ := strings.Cut(rest, " ")
		return sign
	}
	return string(c)
}
