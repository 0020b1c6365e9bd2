<?php
declare( strict_types=1 );

class PackageArchiveTest extends FolderTestCase {
	/** Writes a tar.gz: a text is a file, and a null a folder. */
	private function tar( array $files, string ...$options ): string {
		foreach ( $files as $name => $text ) {
			$text === null ? mkdir( "$this->folder/in/$name", recursive: true ) : $this->write( "in/$name", $text );
		}
		return $this->pack( implode( ' ', array_map( 'escapeshellarg', $options ) ) );
	}

	private function pack( string $options = '', string $members = '*' ): string {
		exec( "cd $this->folder/in && tar -czPf ../archive $options $members 2>&1", $lines, $status );
		$this->assertSame( 0, $status, implode( "\n", $lines ) );
		return "$this->folder/archive";
	}

	private function refusal(): string {
		$reason = $this->failure( fn () => PackageArchive::unpack( "$this->folder/archive", "$this->folder/out" ) );
		$this->assertDirectoryDoesNotExist( "$this->folder/out" );
		return $reason;
	}

	public function testTheOnlyFolderOfAnArchiveIsUnpacked(): void {
		$this->tar( [ 'Soup-main/extension.json' => '{}', 'Soup-main/src/a b".php' => '<?php', 'Soup-main/empty' => null ] );
		mkdir( "$this->folder/in/Soup-main/vendor/bin", recursive: true );
		symlink( '../../src/a b".php', "$this->folder/in/Soup-main/vendor/bin/tool" );
		link( "$this->folder/in/Soup-main/extension.json", "$this->folder/in/Soup-main/same" );
		chmod( "$this->folder/in/Soup-main/extension.json", 0 );
		PackageArchive::unpack( $this->pack(), "$this->folder/out" );
		$this->assertSame( '{}', file_get_contents( "$this->folder/out/extension.json" ) );
		$this->assertSame( '100644', decoct( fileperms( "$this->folder/out/same" ) ), 'Apache can read it' );
		$this->assertSame( '<?php', file_get_contents( "$this->folder/out/vendor/bin/tool" ), 'a link inside' );
		$this->assertDirectoryExists( "$this->folder/out/empty" );
		$this->assertDirectoryDoesNotExist( "$this->folder/out.part" );
	}

	public function testAnArchiveWithoutAFolderAtItsTopIsUnpacked(): void {
		$this->tar( [ 'extension.json' => '{}', 'src/Soup.php' => '<?php' ] );
		PackageArchive::unpack( $this->pack( '', './' ), "$this->folder/out" );
		$this->assertFileExists( "$this->folder/out/src/Soup.php" );
	}

	public function testWhatMacOSAddsIsIgnored(): void {
		$this->tar( [ 'Soup/extension.json' => '{}', '__MACOSX/Soup/._extension.json' => 'x', '._Soup' => 'x', '.DS_Store' => 'x' ] );
		PackageArchive::unpack( $this->pack( '', '.' ), "$this->folder/out" );
		$this->assertSame( [ 'extension.json' ], array_values( array_diff( scandir( "$this->folder/out" ), [ '.', '..' ] ) ) );
	}

	public function testMembersOutsideAreRefused(): void {
		foreach ( [ '../evil', '/evil', 'a/../../evil' ] as $name ) {
			$this->tar( [ 'Soup/extension.json' => '{}' ], "--transform=s,.*extension.*,$name," );
			$this->assertSame( "its member $name would be outside of its folder", $this->refusal() );
		}
	}

	public function testLinksOutsideAreRefused(): void {
		foreach ( [ '/etc/passwd', '../../evil', '../Soup/../../evil' ] as $target ) {
			$this->tar( [ 'Soup/extension.json' => '{}' ] );
			@unlink( "$this->folder/in/Soup/link" );
			symlink( $target, "$this->folder/in/Soup/link" );
			$this->pack();
			$this->assertSame( "its link Soup/link leads to $target, which is outside of its folder", $this->refusal() );
		}
	}

	public function testNothingIsWrittenThroughALink(): void {
		$member = static fn ( $type, $name, $target = null ) => [ 'type' => $type, 'name' => $name, 'size' => 1, 'target' => $target ];
		$below = [ $member( 'l', 'Soup/a', 'b' ), $member( '-', 'Soup/a/../a/c' ) ];
		$reason = $this->failure( static fn () => PackageArchive::check( $below ) );
		$this->assertSame( 'its member Soup/a/c is below the link Soup/a, or leads through it', $reason );
		$hard = [ $member( 'h', 'Soup/a', '../etc/passwd' ) ];
		$this->assertStringContainsString( 'outside', $this->failure( static fn () => PackageArchive::check( $hard ) ) );
	}

	public function testLinksThroughLinksAreRefused(): void {
		$this->tar( [ 'Soup/extension.json' => '{}', 'Soup/a/b/deep' => '' ] );
		symlink( '../..', "$this->folder/in/Soup/a/b/up" ); // to Soup
		symlink( 'a/b/up/../../..', "$this->folder/in/Soup/link" ); // reads as Soup, and is far above it
		$this->pack();
		$this->assertSame( 'its member Soup/link is below the link Soup/a/b/up, or leads through it', $this->refusal() );
	}

	public function testDevicesAndPipesAreRefused(): void {
		$this->tar( [ 'Soup/extension.json' => '{}' ] );
		posix_mkfifo( "$this->folder/in/Soup/pipe", 0600 );
		$this->pack();
		$this->assertSame( 'its member Soup/pipe is not a file, folder or link that can be unpacked', $this->refusal() );
		$device = [ [ 'type' => 'c', 'name' => 'null', 'size' => 1, 'target' => null ] ];
		$this->assertStringContainsString( 'is not a file', $this->failure( static fn () => PackageArchive::check( $device ) ) );
	}

	public function testArchivesThatWouldFillTheVolumeAreRefused(): void {
		mkdir( "$this->folder/in/Soup", recursive: true );
		exec( "truncate -s 513M $this->folder/in/Soup/bomb" );
		$this->pack( "--sparse" );
		$this->assertLessThan( 1 << 20, filesize( "$this->folder/archive" ) );
		$this->assertStringStartsWith( 'it is too large when unpacked: at most 512 MiB', $this->refusal() );
		$many = ( static function () {
			for ( $i = 0; ; $i++ ) {
				yield [ 'type' => '-', 'name' => "Soup/$i", 'size' => 0, 'target' => null ];
			}
		} )();
		$this->assertStringContainsString( '50000 files', $this->failure( static fn () => PackageArchive::check( $many ) ) );
	}

	public function testZipIsUnpacked(): void {
		$this->zip( [ 'Soup/' => '', 'Soup/extension.json' => '{}', 'Soup/src/Soup.php' => str_repeat( '<?php ', 9000 ) ] );
		PackageArchive::unpack( "$this->folder/archive", "$this->folder/out" );
		$this->assertSame( '{}', file_get_contents( "$this->folder/out/extension.json" ) );
		$this->assertSame( 54_000, filesize( "$this->folder/out/src/Soup.php" ) );
		$this->assertFileExists( "$this->folder/archive", 'the archive stays' );
	}

	public function testZipOfAnotherProgramIsUnpacked(): void {
		$files = [ '.phar/stub.php' => '', 'a?b#c.php' => '<?php', 'i18n/de.json' => '{}' ];
		$this->zip( $files, method: 0 );
		PackageArchive::unpack( "$this->folder/archive", "$this->folder/out" );
		foreach ( $files as $name => $text ) {
			$this->assertSame( $text, file_get_contents( "$this->folder/out/$name" ), $name );
		}
	}

	public function testZipThatExpandsToMoreThanItSaysIsNotWritten(): void {
		$this->zip( [ 'Soup/extension.json' => str_repeat( "\0", 64 << 20 ) ], size: 2 );
		$source = escapeshellarg( dirname( __DIR__, 2 ) . '/components/files/mediawiki/src/bootstrap.php' );
		$code = escapeshellarg( 'require $argv[1]; PackageArchive::unpack( $argv[2], $argv[3] );' );
		$limit = 'ulimit -f 20000'; // KiB; a process that writes more ends
		exec( "bash -c '$limit; exec \"\$@\"' - php -r $code -- $source $this->folder/archive $this->folder/out 2>&1", $lines );
		$this->assertStringContainsString( 'cannot unpack Soup/extension.json: it is damaged', implode( "\n", $lines ) );
	}

	public function testUnsafeZipsAreRefused(): void {
		foreach ( [ '../evil', 'Soup/../../evil', '/evil' ] as $name ) {
			$this->zip( [ 'Soup/extension.json' => '{}', $name => 'evil' ] );
			$this->assertSame( "its member $name would be outside of its folder", $this->refusal() );
		}
		$this->zip( [ 'Soup/link' => '/etc/passwd' ], 0120777 );
		$this->assertStringContainsString( 'Soup/link is not a file', $this->refusal() );
		$this->zip( [ 'Soup/extension.json' => '{}' ], size: 600 << 20 );
		$this->assertStringContainsString( 'too large', $this->refusal() );
		$this->zip( [ 'Soup/extension.json' => '{}' ], size: 9 );
		$this->assertStringContainsString( 'cannot unpack Soup/extension.json', $this->refusal() );
		$this->zip( [ 'Soup/extension.json' => '{}' ], method: 99 );
		$this->assertStringContainsString( 'compressed by a method other than deflate', $this->refusal() );
		$this->zip( [ 'Soup/extension.json' => '{}', 'Soup/./extension.json' => '{}' ] );
		$this->assertStringContainsString( 'cannot unpack Soup/./extension.json', $this->refusal() );
		$this->zip( [ 'Soup/extension.json' => '{}', 'Soup/extension.json/x' => '{}' ] );
		$this->assertStringContainsString( 'cannot unpack Soup/extension.json/x', $this->refusal() );
	}

	public function testDamagedArchivesAreRefused(): void {
		$this->write( 'archive', '<!DOCTYPE html>' );
		$this->assertSame( 'it is neither a tar.gz nor a zip', $this->refusal() );
		$this->tar( [ 'Soup/extension.json' => str_repeat( random_bytes( 100 ), 1000 ) ] );
		$this->write( 'archive', substr( file_get_contents( "$this->folder/archive" ), 0, 200 ) );
		$this->assertSame( 'tar cannot list it: gzip: stdin: unexpected end of file', $this->refusal() );
		$this->zip( [ 'Soup/extension.json' => '{}' ] );
		$this->write( 'archive', substr( file_get_contents( "$this->folder/archive" ), 0, -30 ) );
		$this->assertSame( 'it is an incomplete zip', $this->refusal() );
	}

	/** Writes a zip. Its members have a mode of Unix and a method of compression, and claim to have a size. */
	private function zip( array $files, int $mode = 0100644, ?int $size = null, int $method = 8 ): void {
		$data = $list = '';
		foreach ( $files as $name => $text ) {
			$packed = $method === 8 ? gzdeflate( $text ) : $text;
			$facts = pack( 'vvvvVVV', 0, $method, 0, 0, crc32( $text ), strlen( $packed ), $size ?? strlen( $text ) )
				. pack( 'vv', strlen( $name ), 0 );
			$modes = pack( 'vvvVV', 0, 0, 0, ( str_ends_with( $name, '/' ) ? 040755 : $mode ) << 16, strlen( $data ) );
			$list .= "PK\x01\x02" . pack( 'vv', 0x314, 20 ) . $facts . $modes . $name;
			$data .= "PK\x03\x04" . pack( 'v', 20 ) . $facts . $name . $packed;
		}
		$count = count( $files );
		$end = "PK\x05\x06" . pack( 'vvvvVVv', 0, 0, $count, $count, strlen( $list ), strlen( $data ), 0 );
		$this->write( 'archive', $data . $list . $end );
	}
}
