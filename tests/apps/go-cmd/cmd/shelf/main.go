// Books on a shelf, over HTTP. Uploads are spooled to a temporary file, as real apps do.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-chi/chi/v5"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	router := chi.NewRouter()
	router.Get("/livez", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "alive") })
	router.Get("/readyz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ready") })
	router.Post("/upload", upload)
	server := &http.Server{Addr: ":" + port, Handler: router}
	terminated, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		<-terminated.Done()
		server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

func upload(w http.ResponseWriter, r *http.Request) {
	file, err := os.CreateTemp("", "upload-")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if _, err = io.Copy(file, r.Body); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	read, err := io.ReadAll(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "%d bytes\n", len(read))
}
