<?php
declare( strict_types=1 );

class ArchiveTest extends FolderTestCase {
	public function testSealedBackupIsWhole(): void {
		$archive = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup', "b/bc/A  file's name.txt" => 'text' ] );
		$archive->check();
		$this->assertSame( '20260101T000000Z', $archive->name() );
		$this->assertFileDoesNotExist( "$this->folder/.part-backup" );
		$this->assertSame(
			[ 'uploads/a/ab/Soup.png' => hash( 'sha256', 'soup' ), "uploads/b/bc/A  file's name.txt" => hash( 'sha256', 'text' ) ],
			$archive->uploads()
		);
		$this->assertStringContainsString( 'MediaWiki 1.43.9, 2 pages, 3 revisions, 1 users, 2 files', (string)$archive );
	}

	public function testSha256sumReadsTheListOfUploads(): void {
		$archive = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] );
		exec( 'cd ' . escapeshellarg( $archive->path ) . ' && sha256sum --check --strict uploads.sha256', $lines, $status );
		$this->assertSame( [ 0, [ 'uploads/a/ab/Soup.png: OK' ] ], [ $status, $lines ] );
	}

	/** @dataProvider damages */
	public function testDamageIsFound( string $file, ?string $text ): void {
		$archive = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] );
		if ( $text === null ) {
			unlink( "$archive->path/$file" );
		} else {
			file_put_contents( "$archive->path/$file", $text );
		}
		$reason = $this->failure( static fn () => Archive::open( $archive->path )->check() );
		$this->assertSame( "20260101T000000Z is damaged: $file is missing, unreadable or has changed", $reason );
		$this->assertSame( $reason, Archive::open( $archive->path )->damage(), 'what the check has found is known afterwards' );
	}

	public function testBackupThatIsRepairedIsNotDamaged(): void {
		$archive = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] );
		file_put_contents( "$archive->path/uploads/a/ab/Soup.png", 'soap' );
		$this->failure( static fn () => $archive->check() );
		file_put_contents( "$archive->path/uploads/a/ab/Soup.png", 'soup' );
		$archive->check();
		$this->assertSame( '', $archive->damage() );
	}

	/** @dataProvider visible */
	public function testSomeDamageIsKnownWithoutReadingAll( string $file, ?string $text ): void {
		$archive = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] );
		$this->assertSame( '', $archive->damage() );
		unlink( "$archive->path/$file" );
		if ( $text !== null ) {
			file_put_contents( "$archive->path/$file", $text );
		}
		clearstatcache();
		$this->assertStringContainsString( "is damaged: $file is missing", $archive->damage() );
	}

	public function visible(): array {
		return [
			'no dump' => [ 'database.sql.zst', null ],
			'a truncated dump' => [ 'database.sql.zst', 'a du' ],
			'no list of uploads' => [ 'uploads.sha256', null ],
			'a changed list of uploads' => [ 'uploads.sha256', str_repeat( '0', 64 ) . "  uploads/a/ab/Soup.png\n" ],
		];
	}

	/** @dataProvider strangeFiles */
	public function testFileOfAnotherKindIsDamage( callable $make ): void {
		foreach ( [ 'database.sql.zst', 'uploads.sha256', 'uploads/a/ab/Soup.png' ] as $file ) {
			$archive = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] );
			unlink( "$archive->path/$file" );
			$make( "$archive->path/$file" );
			$this->assertStringContainsString( "$file is missing, unreadable", $this->failure( static fn () => $archive->check() ) );
			$archive->delete();
		}
	}

	public function strangeFiles(): array {
		return [
			'a folder' => [ 'mkdir' ],
			'a FIFO, which nobody writes to' => [ static fn ( $path ) => posix_mkfifo( $path, 0600 ) ],
			'a link to nothing' => [ static fn ( $path ) => symlink( '/nowhere', $path ) ],
			'a link to an endless file' => [ static fn ( $path ) => symlink( '/dev/zero', $path ) ],
		];
	}

	/** @dataProvider lists */
	public function testListOfUploadsLeadsNowhereElse( string $line ): void {
		$part = "$this->folder/.part-backup";
		$this->write( '.part-backup/database.sql.zst', "a dump\n" );
		$this->write( '.part-backup/uploads.sha256', $line );
		$archive = Archive::seal( $part, "$this->folder/20260101T000000Z", 1, self::FACTS );
		$reason = $this->failure( static fn () => $archive->uploads() );
		$this->assertStringContainsString( 'has a line that does not name an upload', $reason );
	}

	public function lists(): array {
		$sum = str_repeat( '0', 64 );
		return [
			'above the folder' => [ "$sum  uploads/../../etc/passwd\n" ],
			'a path from the root' => [ "$sum  /etc/passwd\n" ],
			'another folder' => [ "$sum  uploads-2/x\n" ],
			'the folder itself' => [ "$sum  uploads/.\n" ],
			'an empty name' => [ "$sum  uploads//x\n" ],
			'no checksum' => [ "0000  uploads/x\n" ],
			'zeros' => [ str_repeat( "\0", 100 ) ],
		];
	}

	public function testFolderWithANameThatNoRequestCanHoldIsToBeRenamed(): void {
		rename( $this->backup( '20260101T000000Z' )->path, "$this->folder/the good one" );
		$reason = $this->failure( fn () => Archive::open( "$this->folder/the good one" ) );
		$this->assertStringContainsString( 'rename it', $reason );
	}

	public function damages(): array {
		return [
			'a changed dump' => [ 'database.sql.zst', 'another dump' ],
			'no dump' => [ 'database.sql.zst', null ],
			'a changed file' => [ 'uploads/a/ab/Soup.png', 'soap' ],
			'no file' => [ 'uploads/a/ab/Soup.png', null ],
			'a file that is not in the list any more' => [ 'uploads.sha256', '' ],
		];
	}

	public function testFolderWithoutAManifestIsNoBackup(): void {
		mkdir( "$this->folder/20260101T000000Z" );
		$open = fn () => Archive::open( "$this->folder/20260101T000000Z" );
		$this->assertStringContainsString( 'has no manifest.json', $this->failure( $open ) );
	}

	public function testSha256sumReadsNamesOfAllKinds(): void {
		$uploads = [ "a/line\nend" => '1', 'a/back\\slash' => '2', 'a/back\\nslash' => '3', "a/it's \"it\"" => '4' ];
		$archive = $this->backup( '20260101T000000Z', $uploads );
		exec( 'cd ' . escapeshellarg( $archive->path ) . ' && sha256sum --check --strict --quiet uploads.sha256', $lines, $status );
		$this->assertSame( [ 0, [] ], [ $status, $lines ] );
		$this->assertSame( array_map( static fn ( $name ) => "uploads/$name", array_keys( $uploads ) ), array_keys( $archive->uploads() ) );
		$archive->check();
	}

	public function testNewestIsTheOneWithTheHighestNumber(): void {
		$volume = new BackupVolume( $this->folder );
		$this->backup( '20260103T000000Z', number: 1 );
		$this->backup( '20260102T000000Z', number: 2 ); // the clock was set back
		$this->backup( '20990101T000000Z', number: 3 );
		mkdir( "$this->folder/20260104T000000Z" ); // no backup
		$names = array_map( static fn ( $archive ) => $archive->name(), $volume->all() );
		$this->assertSame( [ '20990101T000000Z', '20260102T000000Z', '20260103T000000Z' ], $names );
		$this->assertTrue( $volume->all()[0]->isFromTheFuture() );
		$this->assertSame( '20260103T000000Z', $volume->named( '20260103T000000Z' )->name() );
		$this->assertStringContainsString( 'there is no backup 2001', $this->failure( static fn () => $volume->named( '2001' ) ) );
	}

	public function testBackupsWithoutNumbersAreSortedByNameAndTheFutureIsLast(): void {
		$ages = [ Archive::age( 0, '20990101T000000Z' ), Archive::age( 0, '20250101T000000Z' ), Archive::age( 0, '20260101T000000Z' ) ];
		rsort( $ages );
		$this->assertSame( [ '20260101T000000Z', '20250101T000000Z', '20990101T000000Z' ], array_column( $ages, 2 ) );
		$this->assertGreaterThan( Archive::age( 0, '20260101T000000Z' ), Archive::age( 1, '20200101T000000Z' ) );
	}

	public function testBackupsOfAnotherWikiAreNotReplacedByThoseOfANewOne(): void {
		$volume = new BackupVolume( $this->folder );
		$this->backup( '20260101T000000Z', number: 1, wiki: 'lost' );
		$this->backup( '20260102T000000Z', number: 2 );
		$this->backup( '20260103T000000Z', number: 3, wiki: 'lost' );
		$new = $this->backup( '20260104T000000Z', number: 4 );
		$names = array_map( static fn ( $archive ) => $archive->name(), $new->ofTheSameWiki( $volume->all() ) );
		$this->assertSame( [ '20260104T000000Z', '20260102T000000Z' ], $names );
	}

	public function testNextBackupHasTheNextNumber(): void {
		$volume = new BackupVolume( $this->folder );
		$this->backup( 'before-restore-20260101T000000Z', number: 7 );
		mkdir( "$this->folder/.part-backup" );
		$this->write( '.part-backup/database.sql.zst', '' );
		$this->write( '.part-backup/uploads.sha256', '' );
		$sealed = $volume->seal( "$this->folder/.part-backup", $volume->freeName(), self::FACTS );
		$this->assertSame( 8, $sealed->number() );
		$this->assertSame( 12, $sealed->renumber( 12 )->number() );
		$this->assertSame( '0123', Archive::open( $sealed->path )->manifest['wiki'] );
	}

	public function testFreeNameIsFree(): void {
		$volume = new BackupVolume( $this->folder );
		$names = [];
		for ( $i = 0; $i < 3; $i++ ) {
			$names[] = $volume->freeName();
			mkdir( "$this->folder/" . end( $names ) );
		}
		$this->assertCount( 3, array_unique( $names ) );
	}

	public function testLockDeletesWhatKilledProgramsHaveLeft(): void {
		$this->backup( '20260101T000000Z' );
		$this->write( '.part-given/database', 'half' );
		$lock = ( new BackupVolume( $this->folder ) )->lock();
		$this->assertDirectoryDoesNotExist( "$this->folder/.part-given" );
		$this->assertDirectoryExists( "$this->folder/20260101T000000Z" );
		$second = fopen( "$this->folder/.lock", 'c' );
		$this->assertFalse( flock( $second, LOCK_EX | LOCK_NB ), 'the volume is locked' );
		fclose( $lock );
		$this->assertTrue( flock( $second, LOCK_EX | LOCK_NB ), 'the lock ends with its file' );
	}

	public function testDeletedBackupIsGone(): void {
		$this->assertTrue( $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] )->delete() );
		$this->assertSame( [ '.', '..' ], scandir( $this->folder ) );
	}
}
