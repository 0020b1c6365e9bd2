<?php
declare( strict_types=1 );

class PackageBackupTest extends FolderTestCase {
	private PackageBackup $backup;
	/** @var array<string, string> hashes of the archives on the volume for packages, by name */
	private array $hashes = [];

	protected function setUp(): void {
		parent::setUp();
		foreach ( [ 'Soup' => 1000, 'Stew' => 300_000 ] as $name => $size ) {
			$archive = str_pad( $name, $size );
			$this->hashes[$name] = hash( 'sha256', $archive );
			$this->write( "packages/{$this->hashes[$name]}/archive", $archive );
		}
		$this->backup = new PackageBackup( new PackageStore( "$this->folder/packages" ), "$this->folder/backups" );
		mkdir( "$this->folder/backups/new", recursive: true );
		$list = [ [ 'name' => 'Oven', 'image' => 'oven:1' ] ];
		foreach ( $this->hashes as $name => $hash ) {
			$list[] = [ 'name' => $name, 'url' => "https://example.org/$name.zip", 'sha256' => $hash ];
		}
		putenv( 'MEDIAWIKI_PACKAGES=' . json_encode( $list ) );
		putenv( 'BACKUPS_SIZE=1' );
		putenv( 'BACKUPS_KEPT=1' );
	}

	protected function tearDown(): void {
		foreach ( [ 'MEDIAWIKI_PACKAGES', 'BACKUPS_SIZE', 'BACKUPS_KEPT', 'MEDIAWIKI_RESTORE_FROM' ] as $name ) {
			putenv( $name );
		}
		parent::tearDown();
	}

	public function testABackupHasThePackages(): void {
		$list = $this->backup->copyTo( "$this->folder/backups/new" );
		$this->assertSame( [ 'Oven', 'Soup', 'Stew' ], array_column( $list, 'name' ) );
		$this->assertSame( [ true, true ], array_column( $list, 'archive' ) );
		foreach ( $this->hashes as $hash ) {
			$this->assertSame( $hash, hash_file( 'sha256', "$this->folder/backups/new/packages/$hash" ) );
		}
	}

	public function testLargeArchivesAreListedOnly(): void {
		putenv( 'BACKUPS_KEPT=2' ); // a quarter of a mebibyte for each
		$list = $this->backup->copyTo( "$this->folder/backups/new" );
		$this->assertSame( [ true, false ], array_column( $list, 'archive' ) );
		$this->assertSame( [ $this->hashes['Soup'] ], array_map( 'basename', glob( "$this->folder/backups/new/packages/*" ) ) );
	}

	public function testBackupsShareAnArchiveUnlessItIsDamaged(): void {
		[ 'Soup' => $soup, 'Stew' => $stew ] = $this->hashes;
		$this->write( "backups/old/packages/$soup", str_pad( 'Soup', 1000 ) );
		$this->write( "backups/old/packages/$stew", 'damaged' );
		$this->backup->copyTo( "$this->folder/backups/new" );
		$inode = fn ( $backup ) => fileinode( "$this->folder/backups/$backup/packages/$soup" );
		$this->assertSame( $inode( 'old' ), $inode( 'new' ) );
		$this->assertSame( $stew, hash_file( 'sha256', "$this->folder/backups/new/packages/$stew" ) );
	}

	public function testAnArchiveInABackupIsNotDownloaded(): void {
		$this->write( "backups/old/packages/{$this->hashes['Soup']}", str_pad( 'Soup', 1000 ) );
		$this->backup->fetch( $this->hashes['Soup'], "$this->folder/got", fn () => $this->fail( 'it is downloaded' ) );
		$this->assertSame( $this->hashes['Soup'], hash_file( 'sha256', "$this->folder/got" ) );
		$away = static fn () => throw new PermanentFailure( 'the server is away' );
		$fetch = fn () => $this->backup->fetch( $this->hashes['Stew'], "$this->folder/got", $away );
		$this->assertSame( 'the server is away', $this->failure( $fetch ) );
	}

	public function testAWikiWithoutPackagesHasNoList(): void {
		putenv( 'MEDIAWIKI_PACKAGES' );
		$this->assertSame( [], $this->backup->copyTo( "$this->folder/backups/new" ) );
		$this->assertSame( [], glob( "$this->folder/backups/new/*" ) );
	}
}
