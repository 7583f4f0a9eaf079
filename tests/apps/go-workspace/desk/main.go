// Who sits where, over HTTP; the names are another module of the workspace.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"example.com/acme/names"
)

func main() {
	http.HandleFunc("/desks/{desk}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, names.At(r.PathValue("desk")))
	})
	http.HandleFunc("/livez", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "alive") })
	http.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ready") })
	go func() { log.Fatal(http.ListenAndServe(":8090", nil)) }()
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	<-terminated
}
