<?php
declare( strict_types=1 );

/** A tar.gz or zip from the network. Its hash says that it is the one that the user meant, and nothing about what is in it. */
class PackageArchive {
	/** The largest archive, and the largest sum of its files, in bytes. */
	public const LARGEST = 256 << 20;
	private const LARGEST_FILES = 512 << 20;
	private const MOST_MEMBERS = 50_000;
	/** What may be beside the only folder of an archive: macOS adds the last three. */
	private const IGNORED = '/^(?:\.\.?|__MACOSX|\._.*|\.DS_Store)$/D';

	/** Unpacks an archive into a new folder. If it has a single folder at its top, only the contents of that folder. */
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
		self::run( 'chmod', '-R', 'u=rwX,go=rX', $part ); // an archive's modes may deny access even to the owner; chmod -R skips links
		$top = array_values( preg_grep( self::IGNORED, scandir( $part ), PREG_GREP_INVERT ) );
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
				throw new PermanentFailure( sprintf( 'it is too large when unpacked: at most %d MiB in %d files are possible',
					self::LARGEST_FILES >> 20, self::MOST_MEMBERS ) );
			}
			$paths[$path] = true;
			if ( $target !== null ) {
				$links[$path] = $type === 'h' ? $target : dirname( $path ) . "/$target";
				if ( str_starts_with( $target, '/' ) || self::resolve( '', $links[$path] ) === null ) {
					throw new PermanentFailure( "its link $name leads to $target, which is outside of its folder" );
				}
			}
		}
		foreach ( $links ? array_map( 'strval', array_keys( $paths ) ) : [] as $path ) {
			self::checkLinks( $path, $path, $links );
			if ( isset( $links[$path] ) ) {
				self::checkLinks( $path, $links[$path], $links );
			}
		}
	}

	/**
	 * Fails if a member's path, or where it leads, is below a link: it would be somewhere else than it says, and perhaps outside.
	 *
	 * @param array<string, string> $links
	 */
	private static function checkLinks( string $member, string $path, array $links ): void {
		$words = explode( '/', $path );
		for ( $i = 1; $i < count( $words ); $i++ ) {
			$above = self::resolve( '', implode( '/', array_slice( $words, 0, $i ) ) );
			if ( isset( $links[$above] ) ) {
				throw new PermanentFailure( "its member $member is below the link $above, or leads through it" );
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
			if ( $line === "\n" ) { // gzip's messages begin with it
				continue;
			}
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
	 * Reads the list at the end of a zip. A link has the type "?": its target would be in the member's data.
	 *
	 * @return iterable<array{type: string, name: string, size: int, target: ?string, method: int, crc: int, packed: int, offset: int}>
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
			$entry = unpack( 'vmethod/Vtime/Vcrc/Vpacked/Vsize/vname/vextra/vcomment/vdisk/vinternal/Vmode/Voffset', $list, $at + 10 );
			$name = substr( $list, $at + 46, $entry['name'] );
			$kind = $entry['mode'] >> 28; // of Unix: 8 for a file, 4 for a folder, 10 for a link; 0 if it was made elsewhere
			$type = match ( true ) {
				str_ends_with( $name, '/' ) => 'd',
				in_array( $kind, [ 0, 8 ], true ) => '-',
				default => '?',
			};
			yield [ 'type' => $type, 'name' => $name, 'target' => null ] + $entry;
			$at += 46 + $entry['name'] + $entry['extra'] + $entry['comment'];
		}
	}

	/** Unpacks the files of a zip whose list was checked. */
	private static function extractZip( string $archive, string $folder ): void {
		$from = fopen( $archive, 'r' );
		foreach ( self::listZip( $archive ) as $member ) {
			$path = "$folder/" . self::resolve( '', $member['name'] );
			$parent = $member['type'] === 'd' ? $path : dirname( $path );
			if ( !is_dir( $parent ) && !@mkdir( $parent, recursive: true ) ) {
				throw new PermanentFailure( "cannot unpack {$member['name']}: " . Console::lastError() );
			}
			if ( $member['type'] === '-' ) {
				self::extractMember( $from, $member, $path );
			}
		}
	}

	/**
	 * Unpacks a file of a zip. It never writes much more than the size in the list, whatever the data expands to.
	 *
	 * @param resource $from
	 */
	private static function extractMember( $from, array $member, string $path ): void {
		[ 'name' => $name, 'method' => $method, 'size' => $size ] = $member;
		$head = (string)stream_get_contents( $from, 30, $member['offset'] );
		if ( !in_array( $method, [ 0, 8 ], true ) || !str_starts_with( $head, "PK\x03\x04" ) || strlen( $head ) < 30 ) {
			throw new PermanentFailure( "cannot unpack $name: it is damaged, or compressed by a method other than deflate" );
		}
		$to = @fopen( $path, 'x' );
		if ( !$to ) {
			throw new PermanentFailure( "cannot unpack $name: " . Console::lastError() );
		}
		fseek( $from, $member['offset'] + 30 + array_sum( unpack( 'v2', $head, 26 ) ) ); // its name and its extra fields
		$inflate = inflate_init( ZLIB_ENCODING_RAW );
		$sum = hash_init( 'crc32b' );
		for ( $left = $member['packed'], $written = 0; $left > 0 && $written <= $size; $left -= strlen( $data ) ) {
			$data = (string)fread( $from, min( $left, 8192 ) );
			$text = $method === 8 ? @inflate_add( $inflate, $data ) : $data;
			if ( $data === '' || $text === false ) {
				break;
			}
			hash_update( $sum, $text );
			if ( fwrite( $to, $text ) !== strlen( $text ) ) {
				throw new PermanentFailure( "cannot unpack $name: " . Console::lastError() );
			}
			$written += strlen( $text );
		}
		if ( !fclose( $to ) || $written !== $size || hash_final( $sum ) !== sprintf( '%08x', $member['crc'] ) ) {
			throw new PermanentFailure( "cannot unpack $name: it is damaged, or encrypted" );
		}
	}

	private static function run( string ...$command ): void {
		exec( 'LC_ALL=C ' . implode( ' ', array_map( 'escapeshellarg', $command ) ) . ' 2>&1', $lines, $status );
		if ( $status !== 0 ) {
			throw new PermanentFailure( "cannot be unpacked: $command[0]: " . implode( '; ', array_slice( $lines, -3 ) ) );
		}
	}
}
