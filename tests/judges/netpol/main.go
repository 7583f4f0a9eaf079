// Asks np-guard's analyzer who may talk to whom: for each folder of manifests, named as an argument or on a line of
// standard input, one line of JSON. One process for all of them, since starting costs more than most analyses.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"

	"github.com/np-guard/netpol-analyzer/pkg/netpol/connlist"
)

type connection struct {
	Src   string   `json:"src"`
	Dst   string   `json:"dst"`
	Ports []string `json:"ports"`
}

type answer struct {
	Folder      string       `json:"folder"`
	Connections []connection `json:"connections"`
	// Whatever it could not read or use. It goes on without it, so an answer with problems proves nothing.
	Problems []string `json:"problems,omitempty"`
}

type silent struct{}

func (silent) Debugf(string, ...any)        {}
func (silent) Infof(string, ...any)         {}
func (silent) Warnf(string, ...any)         {}
func (silent) Errorf(error, string, ...any) {}

func analyze(folder string) answer {
	analyzer := connlist.NewConnlistAnalyzer(connlist.WithLogger(silent{}))
	found, _, err := analyzer.ConnlistFromDirPath(folder)
	result := answer{Folder: folder, Connections: []connection{}}
	for _, problem := range analyzer.Errors() {
		result.Problems = append(result.Problems, problem.Error().Error())
	}
	if err != nil && len(result.Problems) == 0 {
		result.Problems = append(result.Problems, err.Error())
	}
	for _, each := range found {
		result.Connections = append(result.Connections, connection{each.Src().String(), each.Dst().String(), ports(each)})
	}
	slices.SortFunc(result.Connections, func(a, b connection) int {
		return cmp.Or(cmp.Compare(a.Src, b.Src), cmp.Compare(a.Dst, b.Dst))
	})
	return result
}

func ports(each connlist.Peer2PeerConnection) []string {
	if each.AllProtocolsAndPorts() {
		return []string{"all"}
	}
	list := []string{}
	for protocol, ranges := range each.ProtocolsAndPorts() {
		for _, ports := range ranges {
			// The list holds denied ranges too; only what lies under the interface tells which.
			if !ports.(interface{ InSet() bool }).InSet() {
				continue
			}
			list = append(list, fmt.Sprintf("%s %d-%d", protocol, ports.Start(), ports.End()))
		}
	}
	slices.Sort(list)
	return list
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	write := func(folder string) {
		if err := out.Encode(analyze(folder)); err != nil {
			log.Fatal(err)
		}
	}
	for _, folder := range os.Args[1:] {
		write(folder)
	}
	if len(os.Args) > 1 {
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		write(lines.Text())
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
