// SPDX-License-Identifier: GPL-2.0
// This file is an ordinary Java echo client; under ttp_run its socket is a TTP socket.

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

public class EchoClient {
    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: EchoClient HOST PORT [TEXT]");
            System.exit(2);
        }
        String text = args.length > 2 ? args[2] : "hello, world";

        try (Socket socket = new Socket(args[0], Integer.parseInt(args[1]))) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            // The server sees the end of our half; its half stays open for the answer.
            socket.shutdownOutput();
            byte[] answer = socket.getInputStream().readAllBytes();
            System.out.println(new String(answer, StandardCharsets.UTF_8));
        }
    }
}
