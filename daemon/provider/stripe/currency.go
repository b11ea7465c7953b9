package stripe

import (
	"math"
	"strings"
)

// currencies are those Stripe takes, from its page "Currencies". All count in
// ISO 4217's minor units, but for those of unlike.
const currencies = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF" +
	" CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS" +
	" INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK" +
	" MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP" +
	" SLE SOS SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW "

const threeDigits = " BHD JOD KWD OMR TND " // whose last digit has to be a zero

func taken(code string) bool {
	return len(code) == 3 && !strings.ContainsRune(code, ' ') && strings.Contains(currencies, " "+code+" ")
}

// toStripe is an amount in Stripe's minor units; false if it can't be counted
// so, or if it is a third digit that Stripe doesn't take.
func toStripe(amount int64, code string) (int64, bool) {
	switch {
	case !taken(code) || amount < 0:
		return 0, false
	case strings.Contains(threeDigits, " "+code+" "):
		return amount, amount%10 == 0
	case code == "ISK" || code == "UGX": // without decimals, and written with two
		return amount * 100, amount <= math.MaxInt64/100
	case code == "MGA": // two in ISO 4217, none at Stripe
		return amount / 100, amount%100 == 0
	}
	return amount, true
}

// fromStripe is an amount of Stripe's, whose currencies are in small letters,
// in our minor units.
func fromStripe(value int64, code string) (int64, string, bool) {
	upper := strings.ToUpper(code)
	switch {
	case !taken(upper) || code == upper || value < 0:
		return 0, "", false
	case upper == "ISK" || upper == "UGX":
		return value / 100, upper, value%100 == 0
	case upper == "MGA":
		return value * 100, upper, value <= math.MaxInt64/100
	}
	return value, upper, true
}
