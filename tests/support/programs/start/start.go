// SPDX-License-Identifier: Apache-2.0

// Starts, prints a line and ends. The pipe and the goroutine wake what every Go program has that waits for
// anything: the poller and the scheduler.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	go func() {
		time.Sleep(time.Millisecond)
		fmt.Fprintln(writer, "started")
	}()
	var word string
	fmt.Fscanln(reader, &word)
	fmt.Println(word)
}
