// SPDX-License-Identifier: GPL-2.0
// This file is an ordinary Java echo server; under ttp_run its sockets are TTP sockets.

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

public class EchoServer {
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 7;

        try (ServerSocket server = new ServerSocket(port)) {
            System.out.println("listening on port " + server.getLocalPort());
            while (true) {
                Socket client = server.accept();
                new Thread(() -> echo(client)).start();
            }
        }
    }

    private static void echo(Socket client) {
        // transferTo() ends when the client has closed or shut down its half.
        try (client) {
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
            System.err.println(client.getRemoteSocketAddress() + ": " + e.getMessage());
        }
    }
}
