// The time over HTTP, by the C library's own clock.
package main

// #include <time.h>
import "C"

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, C.time(nil)) })
	http.HandleFunc("/livez", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "alive") })
	http.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if C.time(nil) <= 0 {
			http.Error(w, "there is no clock", http.StatusServiceUnavailable)
		}
	})
	go func() { log.Fatal(http.ListenAndServe(":8080", nil)) }()
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	<-terminated
}
