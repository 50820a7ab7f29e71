// SPDX-License-Identifier: Apache-2.0

// serve PORT: as serve.c.
package main

import (
	"net"
	"os"
)

func answerOne(port string) error {
	listener, err := net.Listen("tcp4", ":"+port)
	if err != nil {
		return err
	}
	client, err := listener.Accept()
	listener.Close()
	if err != nil {
		return err
	}
	defer client.Close()
	word := make([]byte, 100)
	size, err := client.Read(word)
	if err != nil {
		return err
	}
	_, err = client.Write(word[:size])
	return err
}

func main() {
	for {
		if err := answerOne(os.Args[1]); err != nil {
			println(err.Error())
			os.Exit(1)
		}
	}
}
