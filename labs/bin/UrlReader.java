// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what a URL names, and prints it.
 *
 *	java UrlReader.java http://HOST/PATH
 */
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;

public class UrlReader {
	public static void main(String[] args) throws IOException {
		URL url = new URL(args[0]);

		try (BufferedReader in = new BufferedReader(new InputStreamReader(url.openStream()))) {
			for (String line; (line = in.readLine()) != null;)
				System.out.println(line);
		}
	}
}
