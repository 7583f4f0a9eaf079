// A worker that nobody connects to. `sweeper check` tells whether it still sweeps.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

var swept = filepath.Join(os.TempDir(), "swept")

func main() {
	if len(os.Args) > 1 && os.Args[1] == "check" {
		check()
		return
	}
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	for {
		if err := os.WriteFile(swept, nil, 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		select {
		case <-terminated:
			return
		case <-time.After(time.Second):
		}
	}
}

func check() {
	last, err := os.Stat(swept)
	if err == nil && time.Since(last.ModTime()) > 10*time.Second {
		err = fmt.Errorf("nothing was swept since %s", last.ModTime())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
