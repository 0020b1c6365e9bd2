<?php
declare( strict_types=1 );

class BackupVolumeTest extends FolderTestCase {
	private const NAMES = [ '20260101T000000Z', '20260102T000000Z', '20260103T000000Z', '20260104T000000Z' ];

	private BackupVolume $volume;

	protected function setUp(): void {
		parent::setUp();
		$this->volume = new BackupVolume( $this->folder );
		foreach ( self::NAMES as $i => $name ) {
			$this->backup( $name, number: $i + 1 );
		}
	}

	/** @return string[] */
	private function names( array $archives ): array {
		return array_map( static fn ( $archive ) => $archive->name(), $archives );
	}

	/** @return string[] */
	private function outdated( int $keep ): array {
		return $this->names( $this->volume->outdated( $keep, $this->volume->all()[0] ) );
	}

	public function testDamagedBackupsAreNamed(): void {
		$this->assertSame( [], $this->volume->damaged() );
		mkdir( "$this->folder/lost+found" );
		file_put_contents( "$this->folder/" . self::NAMES[3] . '/manifest.json', '{"format":1}' );
		unlink( "$this->folder/" . self::NAMES[1] . '/uploads.sha256' );
		rename( "$this->folder/" . self::NAMES[0], "$this->folder/my best" );
		$this->assertSame( [ self::NAMES[1], self::NAMES[3], 'my best' ], array_keys( $this->volume->damaged() ) );
		$this->assertSame( [ self::NAMES[2] ], $this->names( $this->volume->whole() ) );
		$this->assertSame( [ self::NAMES[2], self::NAMES[1] ], $this->names( $this->volume->all() ) );
	}

	public function testDamagedBackupsDoNotCountAsKept(): void {
		unlink( "$this->folder/" . self::NAMES[2] . '/database.sql.zst' );
		$this->assertSame( [], $this->outdated( 3 ) );
		$this->assertSame( [ self::NAMES[0] ], $this->outdated( 2 ) );
		$this->assertSame( [ self::NAMES[2], self::NAMES[1], self::NAMES[0] ], $this->outdated( 1 ) );
	}

	public function testBackupWithoutAReadableManifestIsNeverDeleted(): void {
		file_put_contents( "$this->folder/" . self::NAMES[0] . '/manifest.json', '{"format":2}' );
		$this->assertSame( [ self::NAMES[2], self::NAMES[1] ], $this->outdated( 1 ) );
	}

	public function testWhatIsDamagedAndNewer(): void {
		unlink( "$this->folder/" . self::NAMES[0] . '/database.sql.zst' );
		unlink( "$this->folder/" . self::NAMES[2] . '/database.sql.zst' );
		file_put_contents( "$this->folder/" . self::NAMES[3] . '/manifest.json', '' );
		$this->assertSame( [ self::NAMES[2], self::NAMES[3] ], array_keys( $this->volume->damagedSince( 2, self::NAMES[1] ) ) );
		$this->assertSame( [ self::NAMES[3] ], array_keys( $this->volume->damagedSince( 3, self::NAMES[2] ) ) );
	}

	public function testFolderThatIsALinkIsABackup(): void {
		rename( "$this->folder/" . self::NAMES[3], "$this->folder/elsewhere" );
		symlink( "$this->folder/elsewhere", "$this->folder/" . self::NAMES[3] );
		$this->assertSame( self::NAMES[3], $this->volume->whole()[0]->name() );
		$this->assertTrue( $this->volume->all()[0]->delete() );
		$this->assertFileExists( "$this->folder/elsewhere/manifest.json", 'only the link is deleted' );
	}

	public function testDrillProvesTheNewestGoodBackupAndSaysWhatItPassedOver(): void {
		file_put_contents( "$this->folder/" . self::NAMES[3] . '/manifest.json', '{"format":1}' );
		file_put_contents( "$this->folder/" . self::NAMES[2] . '/database.sql.zst', "zeros!\n" );
		$tools = $this->createMock( DatabaseTools::class );
		$tools->method( 'prove' )->willReturn( self::FACTS['rows'] );
		$drill = new Drill( $this->volume, $tools );
		$proven = $drill->prove( '' );
		$this->assertSame( self::NAMES[1], $proven->name() );
		$this->assertNotSame( '', $proven->proven() );
		$reason = $this->failure( static fn () => $drill->checkNewest( $proven ) );
		$this->assertStringContainsString( self::NAMES[3] . ' is damaged', $reason );
		$this->assertStringContainsString( self::NAMES[2] . ' is damaged: database.sql.zst', $reason );
		$this->assertStringContainsString( 'can be restored is ' . self::NAMES[1], $reason );
		$this->assertSame( [ self::NAMES[2], self::NAMES[3] ], array_keys( $this->volume->damaged() ), 'what is known afterwards' );
		$this->assertNull( $drill->prove( self::NAMES[2] ) );
		$this->assertStringContainsString( self::NAMES[2] . ' is damaged', $drill->reasons() );
	}

	public function testDrillWithoutABackupSaysSo(): void {
		array_map( static fn ( $archive ) => $archive->delete(), $this->volume->all() );
		$drill = new Drill( $this->volume, $this->createMock( DatabaseTools::class ) );
		$this->assertNull( $drill->prove( '' ) );
		$this->assertSame( 'there is no backup yet', $drill->reasons() );
	}
}
