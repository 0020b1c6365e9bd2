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
		$this->assertStringContainsString( "is broken: $file is missing or has changed", $reason );
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
		$this->write( '20260101T000000Z/manifest.json', '{"format": 2}' );
		$this->assertStringContainsString( 'not of format 1', $this->failure( $open ) );
		$this->write( '20260101T000000Z/manifest.json', '{"form' );
		$this->assertStringContainsString( 'not of format 1', $this->failure( $open ) );
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
		$this->assertSame( '20990101T000000Z', $volume->named( '' )->name() );
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
		$sealed = $volume->seal( "$this->folder/.part-backup", $volume->freeName(), [ 'wiki' => '0123' ] );
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
		$this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] )->delete();
		$this->assertSame( [], glob( "$this->folder/*" ) );
		$this->assertDirectoryDoesNotExist( "$this->folder/.part-deleted" );
	}
}
