// SPDX-License-Identifier: GPL-2.0
/*
 * A daytime server (RFC 867), as a textbook has it: it says the time to whoever connects, and
 * closes.  It is a program for TCP: ttp run makes it one for TTP.
 *
 *	java DaytimeServer.java [PORT]
 */
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Date;

public class DaytimeServer {
	public static void main(String[] args) throws IOException {
		int port = args.length > 0 ? Integer.parseInt(args[0]) : 13;

		try (ServerSocket server = new ServerSocket(port)) {
			while (true) {
				try (Socket client = server.accept();
				     PrintWriter out = new PrintWriter(client.getOutputStream())) {
					out.print(new Date() + "\r\n");
				} catch (IOException error) {
					System.err.println(error);	/* this client's trouble, not the next one's */
				}
			}
		}
	}
}
