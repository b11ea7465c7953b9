package adyen

import (
	"math"
	"strings"
)

// currencies are those Adyen takes, from its page "Currency codes and minor
// units". All count in ISO 4217's minor units, but for those of unlike.
const currencies = " AED ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BMD BND BOB BRL BSD BWP BYN BZD CAD CHF CLP CNY COP" +
	" CRC CUP CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR" +
	" IQD ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LYD MAD MDL MKD MMK MNT MOP MRU MUR MVR MWK MXN" +
	" MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE" +
	" SOS SRD STN SVC SZL THB TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW "

// shift is what one of our minor units is in Adyen's: 1, or 100 where Adyen
// counts two decimals that ISO doesn't have, or -100 where it leaves out two.
func shift(code string) (int64, bool) {
	if len(code) != 3 || strings.ContainsRune(code, ' ') || !strings.Contains(currencies, " "+code+" ") {
		return 0, false
	}
	switch code {
	case "CLP", "ISK":
		return 100, true
	case "CVE", "IDR":
		return -100, true
	}
	return 1, true
}

// toAdyen is an amount in Adyen's minor units; false if it can't be counted so.
func toAdyen(amount int64, code string) (int64, bool) {
	by, ok := shift(code)
	return counted(amount, by, ok)
}

// fromAdyen is an amount of Adyen's in our minor units.
func fromAdyen(value int64, code string) (int64, bool) {
	by, ok := shift(code)
	if by != 1 {
		by = -by
	}
	return counted(value, by, ok)
}

func counted(n, by int64, ok bool) (int64, bool) {
	switch {
	case !ok || n < 0:
		return 0, false
	case by == 100:
		return n * 100, n <= math.MaxInt64/100
	case by == -100:
		return n / 100, n%100 == 0
	}
	return n, true
}
