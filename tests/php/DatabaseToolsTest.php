<?php
declare( strict_types=1 );

class DatabaseToolsTest extends FolderTestCase {
	private const SCRIPT = __DIR__ . '/../../components/files/mediawiki/sidecars/database.sh';

	/** Runs a function of database.sh with a dump as its input. */
	private function shell( string $command, string $input, ?string &$output = null ): int {
		$functions = preg_replace( '/^cd "\$pipes".*/ms', '', file_get_contents( self::SCRIPT ) );
		$script = $this->write( 'database.sh', $functions . "\n$command\n" );
		copy( dirname( self::SCRIPT ) . '/scratch.sh', "$this->folder/scratch.sh" );
		$process = proc_open( [ 'bash', $script ], [ [ 'pipe', 'r' ], [ 'pipe', 'w' ], [ 'redirect', 1 ] ], $pipes, $this->folder );
		fwrite( $pipes[0], $input );
		fclose( $pipes[0] );
		$output = stream_get_contents( $pipes[1] );
		return proc_close( $process );
	}

	public function testRowsOfADumpAreCounted(): void {
		$dump = "CREATE TABLE `page` (\n  `page_id` int\n);\nINSERT INTO `page` VALUES\n(1),\n(2);\n"
			. "CREATE TABLE `empty` (\n  `a` int\n);\n-- Dump completed\n";
		$this->assertSame( 0, $this->shell( 'counting rows', $dump, $passed ) );
		$this->assertSame( $dump, $passed );
		$this->assertSame( [ 'empty' => 0, 'page' => 2 ], DatabaseTools::rows( "$this->folder/rows" ) );
		$this->assertFileDoesNotExist( "$this->folder/rows" );
	}

	public function testTruncatedDumpIsRecognised(): void {
		$this->assertNotSame( 0, $this->shell( 'counting rows', "CREATE TABLE `page` (\n);\nINSERT INTO `page` VALUES\n(1),\n" ) );
		$this->assertNotSame( 0, $this->shell( 'counting rows', '' ) );
	}

	public function testRehearsalCreatesOtherTablesWithoutRows(): void {
		$dump = "DROP TABLE IF EXISTS `page`;\nCREATE TABLE `page` (\n  `a` int,\n  CONSTRAINT `c` CHECK (1)\n);\n"
			. "INSERT INTO `page` VALUES\n(1),\n(2);\n";
		$this->assertSame( 0, $this->shell( 'renamed 1000', $dump, $renamed ) );
		$want = "DROP TABLE IF EXISTS `+page`;\nCREATE TABLE `+page` (\n  `a` int,\n  CONSTRAINT `+c` CHECK (1)\n);\n";
		$this->assertSame( $want, $renamed );
		$this->assertSame( 1, $this->shell( 'renamed 3', $dump, $reason ) );
		$this->assertStringContainsString( 'increase max_allowed_packet', $reason );
	}
}
