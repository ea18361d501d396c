// SPDX-License-Identifier: GPL-2.0
/*
 * Asks a daytime server for the time, and prints what it says.
 *
 *	java DaytimeClient.java HOST [PORT]
 */
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;

public class DaytimeClient {
	public static void main(String[] args) throws IOException {
		int port = args.length > 1 ? Integer.parseInt(args[1]) : 13;

		try (Socket socket = new Socket(args[0], port);
		     BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()))) {
			for (String line; (line = in.readLine()) != null;)
				System.out.println(line);
		}
	}
}
