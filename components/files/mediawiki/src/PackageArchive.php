<?php
declare( strict_types=1 );

/** A tar.gz or zip from the network. Its hash says that it is the one that the user meant, and nothing about what is in it. */
class PackageArchive {
	/** The largest archive, and the largest sum of its files, in bytes. */
	public const LARGEST = 256 << 20;
	private const LARGEST_FILES = 512 << 20;
	private const MOST_MEMBERS = 50_000;

	/** Unpacks an archive into a new folder. If it has a single folder at its top, that folder's contents. */
	public static function unpack( string $archive, string $folder ): void {
		$begin = (string)file_get_contents( $archive, length: 4 );
		$part = "$folder.part";
		Disk::createEmpty( $part );
		if ( str_starts_with( $begin, "\x1f\x8b" ) ) {
			self::check( self::listTar( $archive ) );
			self::run( 'tar', '--extract', '--gzip', '--no-same-owner', '--no-same-permissions', "--directory=$part", "--file=$archive" );
		} elseif ( $begin === "PK\x03\x04" ) {
			self::check( self::listZip( $archive ) );
			self::extractZip( $archive, $part );
		} else {
			throw new PermanentFailure( 'it is neither a tar.gz nor a zip' );
		}
		self::run( 'chmod', '-R', 'u=rwX,go=rX', $part ); // owners of archives may lack rights, and links are left alone
		$top = array_values( array_diff( scandir( $part ), [ '.', '..' ] ) );
		$inner = count( $top ) === 1 && is_dir( "$part/$top[0]" ) && !is_link( "$part/$top[0]" ) ? "$part/$top[0]" : $part;
		if ( !@rename( $inner, $folder ) ) {
			throw new PermanentFailure( Console::lastError() );
		}
		Disk::deleteTree( $part );
	}

	/**
	 * Fails if an archive could write outside of its folder, lead a reader out of it, or fill the volume.
	 *
	 * @param iterable<array{type: string, name: string, size: int, target: ?string}> $members types as ls prints them; h is a hard link
	 */
	public static function check( iterable $members ): void {
		$paths = $links = [];
		$size = $count = 0;
		foreach ( $members as [ 'type' => $type, 'name' => $name, 'size' => $bytes, 'target' => $target ] ) {
			$path = self::resolve( '', $name )
				?? throw new PermanentFailure( "its member $name would be outside of its folder" );
			if ( !in_array( $type, [ '-', 'd', 'l', 'h' ], true ) ) {
				throw new PermanentFailure( "its member $name is not a file, folder or link that can be unpacked" );
			}
			$size += $bytes;
			if ( ++$count > self::MOST_MEMBERS || $size > self::LARGEST_FILES ) {
				throw new PermanentFailure( sprintf( 'unpacked it is too large: at most %d MiB in %d files are possible',
					self::LARGEST_FILES >> 20, self::MOST_MEMBERS ) );
			}
			$paths[$path] = true;
			if ( $target !== null ) {
				$links[$path] = self::resolve( $type === 'h' ? '' : dirname( $path ), $target )
					?? throw new PermanentFailure( "its link $name leads to $target, which is outside of its folder" );
			}
		}
		self::checkLinks( array_map( 'strval', array_keys( $paths ) ), $links );
	}

	/**
	 * Fails if a member is below a link: it would be written to where the link leads.
	 *
	 * @param string[] $paths
	 * @param array<string, string> $links
	 */
	private static function checkLinks( array $paths, array $links ): void {
		foreach ( $links ? $paths : [] as $path ) {
			for ( $above = dirname( $path ); $above !== '.'; $above = dirname( $above ) ) {
				if ( isset( $links[$above] ) ) {
					throw new PermanentFailure( "its member $path is below the link $above" );
				}
			}
		}
	}

	/** Returns a path relative to the top without "." and ".."; null if it is outside, or absolute. */
	private static function resolve( string $folder, string $path ): ?string {
		if ( str_starts_with( $path, '/' ) || str_contains( $path, "\0" ) || str_contains( $path, '\\' ) ) {
			return null;
		}
		$words = [];
		foreach ( explode( '/', "$folder/$path" ) as $word ) {
			if ( $word === '..' && array_pop( $words ) === null ) {
				return null;
			}
			if ( !in_array( $word, [ '', '.', '..' ], true ) ) {
				$words[] = $word;
			}
		}
		return implode( '/', $words ) ?: '.';
	}

	/** @return iterable<array{type: string, name: string, size: int, target: ?string}> */
	private static function listTar( string $archive ): iterable {
		$command = [ 'tar', '--list', '--verbose', '--gzip', '--absolute-names', '--numeric-owner', '--quoting-style=c', '-f', $archive ];
		$output = popen( 'LC_ALL=C ' . implode( ' ', array_map( 'escapeshellarg', $command ) ) . ' 2>&1', 'r' );
		$quoted = '"((?:[^"\\\\]|\\\\.)*)"';
		while ( ( $line = fgets( $output ) ) !== false ) {
			// -rw-r--r-- 0/0    12 2026-11-28 07:53 "name"; a device has two numbers in place of the size
			if ( !preg_match( "~^(\S)\S+\s+\S+\s+(\d+)(?:,\d+)?\s+\S+\s+\S+\s$quoted(?: (?:->|link to) $quoted)?$~", $line, $parts ) ) {
				throw new PermanentFailure( 'tar cannot list it: ' . trim( $line ) );
			}
			$target = isset( $parts[4] ) ? stripcslashes( $parts[4] ) : null;
			yield [ 'type' => $parts[1], 'name' => stripcslashes( $parts[3] ), 'size' => (int)$parts[2], 'target' => $target ];
		}
		pclose( $output );
	}

	/**
	 * Reads the list at the end of a zip. A link has the type "?": PHP would write its target as the text of a file.
	 *
	 * @return iterable<array{type: string, name: string, size: int, target: ?string}>
	 */
	private static function listZip( string $archive ): iterable {
		$file = fopen( $archive, 'r' );
		$begin = max( 0, filesize( $archive ) - 0xffff - 22 ); // a comment may follow
		$tail = (string)stream_get_contents( $file, offset: $begin );
		$end = strrpos( $tail, "PK\x05\x06" );
		if ( $end === false || strlen( $tail ) < $end + 22 ) {
			throw new PermanentFailure( 'it is an incomplete zip' );
		}
		[ 'entries' => $entries, 'size' => $size, 'offset' => $offset ] = unpack( 'ventries/Vsize/Voffset', $tail, $end + 10 );
		$list = (string)stream_get_contents( $file, min( $size, $begin + $end ), $offset );
		for ( $at = 0; $entries > 0; $entries-- ) {
			if ( substr( $list, $at, 4 ) !== "PK\x01\x02" || strlen( $list ) < $at + 46 ) {
				throw new PermanentFailure( 'its list of files is damaged' );
			}
			$entry = unpack( 'Vsize/vname/vextra/vcomment/vdisk/vinternal/Vmode', $list, $at + 24 );
			$name = substr( $list, $at + 46, $entry['name'] );
			$kind = $entry['mode'] >> 28; // of Unix: 8 for a file, 4 for a folder, 10 for a link; 0 if it was made elsewhere
			$type = match ( true ) {
				str_ends_with( $name, '/' ) => 'd',
				in_array( $kind, [ 0, 8 ], true ) => '-',
				default => '?',
			};
			yield [ 'type' => $type, 'name' => $name, 'size' => $entry['size'], 'target' => null ];
			$at += 46 + $entry['name'] + $entry['extra'] + $entry['comment'];
		}
	}

	/** Unpacks the files of a zip whose list was checked. */
	private static function extractZip( string $archive, string $folder ): void {
		rename( $archive, "$archive.zip" ); // PHP opens no file without this ending
		try {
			foreach ( self::listZip( "$archive.zip" ) as [ 'type' => $type, 'name' => $name, 'size' => $size ] ) {
				$path = "$folder/" . self::resolve( '', $name );
				if ( !is_dir( $type === 'd' ? $path : dirname( $path ) ) ) {
					mkdir( $type === 'd' ? $path : dirname( $path ), recursive: true );
				}
				if ( $type === '-' ) {
					$from = @fopen( "phar://$archive.zip/$name", 'r' );
					if ( !$from || stream_copy_to_stream( $from, fopen( $path, 'x' ), $size + 1 ) !== $size ) {
						throw new PermanentFailure( "cannot unpack $name: " . Console::lastError() );
					}
				}
			}
		} finally {
			rename( "$archive.zip", $archive );
		}
	}

	/** Runs a command. */
	private static function run( string ...$command ): void {
		exec( 'LC_ALL=C ' . implode( ' ', array_map( 'escapeshellarg', $command ) ) . ' 2>&1', $lines, $status );
		if ( $status !== 0 ) {
			throw new PermanentFailure( "cannot be unpacked: $command[0]: " . implode( '; ', array_slice( $lines, -3 ) ) );
		}
	}
}
