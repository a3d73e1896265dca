package listener

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// CheckHost admits requests that address the device by an IP address, as localhost, or by one of
// its names. This keeps out web pages whose own name a name server resolves to the device.
func CheckHost(names []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := strings.ToLower(strings.Trim(hostOf(r.Host), "[]"))
		named := slices.ContainsFunc(names, func(name string) bool {
			return strings.EqualFold(name, host)
		})
		if !named && host != "localhost" && net.ParseIP(host) == nil {
			http.Error(w, "this device is not called by this name: use its address",
				http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
