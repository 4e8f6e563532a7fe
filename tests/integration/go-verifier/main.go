// A verifier of Safeconduct logs that shares no code with Safeconduct: notes, tiles, proofs and their checks
// are those of Go's checksum database (golang.org/x/mod/sumdb/{note,tlog}). What is ours here is only the reading of
// the C2SP layouts: checkpoint lines, tile paths without a height, entry bundles and tlog-proof files.
//
//	go-verifier log FOLDER VKEY [EARLIER-CHECKPOINT]
//	go-verifier proof TLOG-PROOF ENTRY VKEY
//	go-verifier consistency OLD-CHECKPOINT NEW-CHECKPOINT PROOF VKEY
//
// Exit code 0: holds. 1: does not, with the reason on standard error. 2: wrong usage.
package main

import (
	"fmt"
	"os"
)

func main() {
	report, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(report)
}

func run(args []string) (string, error) {
	switch {
	case len(args) == 3 && args[0] == "log":
		return checkLog(args[1], args[2], "")
	case len(args) == 4 && args[0] == "log":
		return checkLog(args[1], args[2], args[3])
	case len(args) == 4 && args[0] == "proof":
		return checkProof(args[1], args[2], args[3])
	case len(args) == 5 && args[0] == "consistency":
		return checkConsistency(args[1], args[2], args[3], args[4])
	}
	fmt.Fprintln(os.Stderr, "usage: go-verifier log|proof|consistency ...")
	os.Exit(2)
	return "", nil
}
