package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkProof verifies a proof that Safeconduct made, in a C2SP tlog-proof file, for the entry in another file.
func checkProof(proofPath, entryPath, vkey string) (string, error) {
	text, err := os.ReadFile(proofPath)
	if err != nil {
		return "", err
	}
	entry, err := os.ReadFile(entryPath)
	if err != nil {
		return "", err
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", fmt.Errorf("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return "", err
	}
	proof, err := parseHashes(lines[2:])
	if err != nil {
		return "", err
	}
	tree, err := parseCheckpoint([]byte(checkpoint), vkey)
	if err != nil {
		return "", err
	}
	if index < 0 || index >= tree.N {
		return "", fmt.Errorf("index outside the tree")
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return "", err
	}
	return fmt.Sprintf("entry %d of %d included", index, tree.N), nil
}

// checkConsistency verifies a consistency proof that Safeconduct made: one base64 hash a line.
func checkConsistency(oldPath, newPath, proofPath, vkey string) (string, error) {
	earlier, err := readCheckpoint(oldPath, vkey)
	if err != nil {
		return "", err
	}
	tree, err := readCheckpoint(newPath, vkey)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(proofPath)
	if err != nil {
		return "", err
	}
	proof, err := parseHashes(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
	if err != nil {
		return "", err
	}
	if earlier.N < 1 || earlier.N > tree.N {
		return "", fmt.Errorf("the log has become shorter")
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, earlier.N, earlier.Hash); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d is a prefix of %d", earlier.N, tree.N), nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := parseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}
