// Pins the Gateway API, whose CRDs a bare API server lacks: `go mod download` checks it against go.sum. Nothing
// imports it, so `go mod tidy` would drop it.
module cofferdam.test/gateway-api

go 1.26.0

require sigs.k8s.io/gateway-api v1.6.3
