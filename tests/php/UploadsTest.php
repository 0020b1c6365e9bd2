<?php
declare( strict_types=1 );

class UploadsTest extends FolderTestCase {
	private const OLD = 1_600_000_000;
	private const NAMES = [
		'a/ab/Soup.png', 'a/ab/Ümläut & "quotes".png', "b/bc/line's end\r.txt", 'b/bc/two  spaces.txt',
		'archive/a/ab/1!Soup.png', 'deleted/x/y/z/xyz.png', 'README',
	];

	private function copy( ?Archive $last = null ): array {
		mkdir( "$this->folder/backup/uploads", recursive: true );
		return ( new Uploads( "$this->folder/images" ) )->copyTo( "$this->folder/backup", $last ? [ $last ] : [] );
	}

	/** @return string[] paths of the files in a folder */
	private function filesIn( string $folder ): array {
		$all = new RecursiveIteratorIterator( new RecursiveDirectoryIterator( $folder, FilesystemIterator::SKIP_DOTS ) );
		$files = [];
		foreach ( $all as $file ) {
			$files[] = substr( $file->getPathname(), strlen( $folder ) + 1 );
		}
		sort( $files );
		return $files;
	}

	public function testAllFilesAreCopiedWhateverTheirNames(): void {
		foreach ( self::NAMES as $name ) {
			$this->write( "images/$name", $name, self::OLD );
		}
		$others = [ 'thumb/a/ab/Soup.png/120px-Soup.png', 'temp/x', 'lockdir/x', 'lost+found/x', '.read-only-1.43.9', '.htaccess' ];
		foreach ( $others as $name ) {
			$this->write( "images/$name", 'left out' );
		}
		$this->assertSame( [ 'files' => count( self::NAMES ), 'bytes' => strlen( implode( '', self::NAMES ) ) ], $this->copy() );
		$want = self::NAMES;
		sort( $want );
		$this->assertSame( $want, $this->filesIn( "$this->folder/backup/uploads" ) );
		$this->assertSame( self::OLD, filemtime( "$this->folder/backup/uploads/a/ab/Soup.png" ) );
		$this->write( 'backup/database.sql.zst', '' );
		$archive = Archive::seal( "$this->folder/backup", "$this->folder/20260101T000000Z", 1, self::FACTS );
		$this->assertCount( count( self::NAMES ), $archive->uploads() );
		$archive->check();
	}

	public function testUnchangedFileIsAHardLink(): void {
		$uploads = [ 'a/ab/Same.png' => 'same', 'a/ab/Other.png' => 'old', 'a/ab/Gone.png' => 'gone' ];
		$last = $this->backup( '20260101T000000Z', $uploads );
		$this->write( 'images/a/ab/Same.png', 'same', 1_700_000_000 );
		$this->write( 'images/a/ab/Other.png', 'new', 1_700_000_001 );
		$this->assertSame( [ 'files' => 2, 'bytes' => 7 ], $this->copy( $last ) );
		$inode = fn ( string $path ) => fileinode( "$this->folder/$path" );
		$this->assertSame( $inode( '20260101T000000Z/uploads/a/ab/Same.png' ), $inode( 'backup/uploads/a/ab/Same.png' ) );
		$this->assertNotSame( $inode( 'images/a/ab/Same.png' ), $inode( 'backup/uploads/a/ab/Same.png' ) );
		$this->assertStringEqualsFile( "$this->folder/backup/uploads/a/ab/Other.png", 'new' );
		$this->assertStringEqualsFile( "$this->folder/20260101T000000Z/uploads/a/ab/Other.png", 'old', 'has not changed' );
	}

	/**
	 * @testWith ["soap"]
	 *           ["\u0000\u0000\u0000\u0000"]
	 */
	public function testFileWhoseCopyIsDamagedIsCopiedAgain( string $damage ): void {
		$last = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup', 'a/ab/Same.png' => 'same' ] );
		foreach ( [ 'Soup' => 'soup', 'Same' => 'same' ] as $name => $text ) {
			$this->write( "images/a/ab/$name.png", $text, 1_700_000_000 );
		}
		$this->write( '20260101T000000Z/uploads/a/ab/Soup.png', $damage, 1_700_000_000 );
		$this->setOutputCallback( function ( $printed ) {
			$this->assertStringContainsString( 'copied again from the wiki: 1 files: uploads/a/ab/Soup.png', $printed );
			$this->assertStringContainsString( 'repaired 1 of them in 20260101T000000Z', $printed );
			return '';
		} );
		$this->failure( static fn () => $last->check() );
		$this->copy( $last );
		$this->assertSame( '', $last->damage() );
		$last->check();
		$this->assertStringEqualsFile( "$this->folder/backup/uploads/a/ab/Soup.png", 'soup' );
		$this->assertSame( 2, stat( "$this->folder/backup/uploads/a/ab/Same.png" )['nlink'], 'links of a file that is not damaged' );
		$sums = file_get_contents( "$this->folder/backup/uploads.sha256" );
		$this->assertStringContainsString( hash( 'sha256', 'soup' ) . '  uploads/a/ab/Soup.png', $sums );
	}

	public function testGoodCopyIsKeptWhenTheUploadRots(): void {
		$last = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] );
		$this->write( 'images/a/ab/Soup.png', 'soap', 1_700_000_000 );
		$this->copy( $last );
		$this->assertStringEqualsFile( "$this->folder/backup/uploads/a/ab/Soup.png", 'soup' );
	}

	public function testFileThatMovesMeanwhileIsFoundWhereItIs(): void {
		$this->write( 'images/a/ab/Soup.png', 'soup' );
		mkdir( "$this->folder/images/archive" );
		$found = [];
		foreach ( ( new Uploads( "$this->folder/images" ) )->files() as $file ) {
			$found[] = substr( $file->getPathname(), strlen( "$this->folder/images/" ) );
			if ( count( $found ) === 1 ) {
				rename( $file->getPathname(), "$this->folder/images/archive/1!Soup.png" );
			}
		}
		$this->assertSame( [ 'a/ab/Soup.png', 'archive/1!Soup.png' ], $found );
	}

	public function testLinkToAFileIsCopiedAsAFile(): void {
		symlink( $this->write( 'elsewhere/Soup.png', 'soup' ), dirname( $this->write( 'images/a/ab/x', 'x' ) ) . '/Soup.png' );
		$this->assertSame( [ 'files' => 2, 'bytes' => 5 ], $this->copy() );
		$this->assertFalse( is_link( "$this->folder/backup/uploads/a/ab/Soup.png" ) );
	}

	public function testLinkToAFolderIsRefused(): void {
		$this->write( 'elsewhere/Soup.png', 'soup' );
		$this->write( 'images/a/ab/x', 'x' );
		symlink( "$this->folder/elsewhere", "$this->folder/images/b" );
		$this->assertStringContainsString( 'images/b is a symbolic link to a folder', $this->failure( fn () => $this->copy() ) );
	}

	public function testWhatIsNoFileIsLeftOut(): void {
		$this->write( 'images/a/ab/x', 'x' );
		posix_mkfifo( "$this->folder/images/a/ab/pipe", 0600 );
		symlink( '/nowhere', "$this->folder/images/a/ab/dangling" );
		$this->assertSame( [ 'files' => 1, 'bytes' => 1 ], $this->copy() );
	}

	public function testRestoreMakesTheFolderWhatTheBackupHas(): void {
		$uploads = [ 'a/ab/Soup.png' => 'soup', 'a/ab/Same.png' => 'same', 'c/cd/New folder.png' => 'new' ];
		$archive = $this->backup( '20260101T000000Z', $uploads );
		$same = fileinode( $this->write( 'images/a/ab/Same.png', 'same' ) );
		$this->write( 'images/a/ab/Soup.png', 'spoiled' );
		$this->write( 'images/b/bc/Later.png', 'later' );
		$this->write( 'images/thumb/a/ab/Soup.png/120px-Soup.png', 'spoiled' );
		$this->write( 'images/.read-only-1.43.9', 'the wiki is being restored' );
		( new Uploads( "$this->folder/images" ) )->restore( $archive );
		$want = [ '.read-only-1.43.9', ...array_keys( $uploads ) ];
		sort( $want );
		$this->assertSame( $want, $this->filesIn( "$this->folder/images" ) );
		$this->assertStringEqualsFile( "$this->folder/images/a/ab/Soup.png", 'soup' );
		$this->assertSame( 1_700_000_000, filemtime( "$this->folder/images/a/ab/Soup.png" ) );
		clearstatcache();
		$this->assertSame( $same, fileinode( "$this->folder/images/a/ab/Same.png" ) );
	}

	public function testRestoreOfADamagedFileFails(): void {
		$archive = $this->backup( '20260101T000000Z', [ 'a/ab/Soup.png' => 'soup' ] );
		mkdir( "$this->folder/images" );
		file_put_contents( "$archive->path/uploads/a/ab/Soup.png", 'soap' );
		$reason = $this->failure( fn () => ( new Uploads( "$this->folder/images" ) )->restore( $archive ) );
		$this->assertStringStartsWith( 'uploads/a/ab/Soup.png: ', $reason );
	}
}
