package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// folder reads tiles of C2SP tlog-tiles, whose paths leave out the tile height that Go's have.
type folder string

func (f folder) Height() int { return tileHeight }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: wrong length", tile.Path())
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) read(tile tlog.Tile) ([]byte, error) {
	path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
	return os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
}

// entries reads one bundle: entries with a 16-bit length in front of each.
func (f folder) entries(bundle, width int64) ([][]byte, error) {
	data, err := f.read(tlog.Tile{H: tileHeight, L: -1, N: bundle, W: int(width)})
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, fmt.Errorf("bundle %d: half a length", bundle)
		}
		length := int(binary.BigEndian.Uint16(data))
		data = data[2:]
		if len(data) < length {
			return nil, fmt.Errorf("bundle %d: entry cut short", bundle)
		}
		entries = append(entries, data[:length])
		data = data[length:]
	}
	if int64(len(entries)) != width {
		return nil, fmt.Errorf("bundle %d: %d entries, not %d", bundle, len(entries), width)
	}
	return entries, nil
}

func checkLog(path, vkey, earlierPath string) (string, error) {
	tree, err := readCheckpoint(filepath.Join(path, "checkpoint"), vkey)
	if err != nil {
		return "", err
	}
	// Authenticates every tile that it reads against the signed root.
	hashes := tlog.TileHashReader(tree, folder(path))
	if err := checkEntries(folder(path), tree, hashes); err != nil {
		return "", err
	}
	if earlierPath == "" {
		return fmt.Sprintf("%d entries included", tree.N), nil
	}
	earlier, err := readCheckpoint(earlierPath, vkey)
	if err != nil {
		return "", err
	}
	if earlier.N > tree.N {
		return "", fmt.Errorf("the log has become shorter")
	}
	if earlier.N > 0 {
		proof, err := tlog.ProveTree(tree.N, earlier.N, hashes)
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, earlier.N, earlier.Hash); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d entries included, %d of them consistent", tree.N, earlier.N), nil
}

func checkEntries(f folder, tree tlog.Tree, hashes tlog.HashReader) error {
	const width = 1 << tileHeight
	for first := int64(0); first < tree.N; first += width {
		count := tree.N - first
		if count > width {
			count = width
		}
		entries, err := f.entries(first/width, count)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			index := first + int64(i)
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
		}
	}
	return nil
}
